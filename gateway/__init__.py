"""The edge: WebSocket and HTTP on one port, and one gRPC stream behind each socket."""
