"""The Figgo side: what Lucca's API says, in the core's words."""
