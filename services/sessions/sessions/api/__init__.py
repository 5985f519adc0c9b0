"""Commands and reads over HTTP: parse, authorise, one use case, answer."""

from sessions.api import conclusions, contract, cycles, sessions

routers = [cycles.router, contract.router, sessions.router, conclusions.router]
