"""Commands and reads over HTTP, by noun: parse, authorise, one use case, answer."""

from enrollment.api import applications, centres, figures, groups, programmes, supervisors

routers = [programmes.router, centres.router, supervisors.router, groups.router, applications.router, figures.router]
