"""The routes, a module for each group. Each names its handlers in ``ROUTES``; ``gateway/app.py`` lists the modules."""
