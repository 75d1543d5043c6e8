"""Web pages in s3link's face: the layout and style that all of them have, and the headers that keep
what they show where it belongs.

response  one answer with a page, or one that sends the browser on
document  a whole page, with a policy that allows its own style and script and nothing else
branding  what a page has of the brand

Pure: nothing here knows what a page is about.
"""
