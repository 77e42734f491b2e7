"""The kit every server is built with: settings, errors, interceptors, telemetry, resilience, lifecycle.

It imports no service and no proto.
"""
