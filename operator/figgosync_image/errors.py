"""What can keep an image from being built, in sentences that say what to do."""


class ImageError(Exception):
    """The image cannot be built; the message says why, and what to do."""
