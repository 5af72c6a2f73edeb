"""A contender: the plainest Litestar application, which reads a JSON body and sends it back. No model, no mahlan."""

from __future__ import annotations

import sys
from typing import Any

import uvicorn
from litestar import Litestar, Request, post


@post("/v1/checks", status_code=200)
async def echo(request: Request[Any, Any, Any]) -> Any:
    """The body."""
    return await request.json()


if __name__ == "__main__":
    app = Litestar([echo], openapi_config=None, logging_config=None)
    uvicorn.run(app, port=int(sys.argv[1]), http="httptools", loop="uvloop", access_log=False, log_level="error")
