"""Programs that run in a process of their own, so that nothing else is measured with them."""
