"""The pages of the portal: opening a link, and asking for one's links."""
