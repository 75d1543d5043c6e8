"""Members: what signed-in people use: the versions, their downloads, and the survey.

page  the page of the members area; its files are in the folder `page/`

Nobody else imports this package.
"""
