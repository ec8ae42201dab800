"""A registry in the sandbox: what it holds, and what the engine pulled back from it."""
