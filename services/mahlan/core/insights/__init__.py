"""What the insights service counts, and how: pure folds over decisions and outcomes, one author at a time.

``author`` is what is remembered of somebody, ``challenge`` and ``joining`` fold an event into it, ``closing`` ends what
is over, and all three say what adds up in a ``Tally``. ``figures`` turns sums into the numbers of a board.
"""
