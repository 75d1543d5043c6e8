"""Portal: what people open in a browser: a link's page and its download, and the page where they
ask for their links.

handler       what Lambda calls; builds the settings and the clients, once
routes        which page answers which route
link_page     the page of a link, and the click on its button
share_page    the same for a share, whose files have a button each
opening       the link of a request and its file, or why there is none
confirming    the page that asks for the recipient's address, and counts guesses
downloading   a click is signed and counted
request_page  the page where people ask for links to what is shared with them
messages      the pages that say why there is no download, and what to do
pages         how every page is made, on web_pages; its HTML is in the folder `pages/`
mailer        hands tasks to LinkMailer
settings, log   used by all of them

Only `handler` reads the environment; it mails nothing itself. Nobody else imports this package.
"""
