"""``make bench-gateway``: the gateway under load from vegeta, beside a plain echo and bare onnxruntime."""
