"""What an administrator cannot know of a company's Figgo before asking it."""
