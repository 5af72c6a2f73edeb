"""What an experiment found, as files that can be kept, printed and sent: HTML, CSV, and a pre-registration.

Called by ``mahlan experiment``. Reads the JSON that insights serves; computes no statistics.
"""
