"""The microservice chassis: what every service stands on, and no business noun."""
