"""LinkMailer: the portal's mails, as tasks that the portal, a schedule and the operator hand it.

handler       what Lambda calls; builds the settings and the clients, once
tasks         which task is which function
progress      how far a task has come: each is done once, however often it comes
asked_for     links to a person who asks for them
allowance     how many mails such a request may send
links_again   links again, for the operator
notices       reminders, and news of first downloads
offers        which links may be mailed, with their files, and a token for each
fitting       how many of them one mail holds
mails         what the mails say, and handing them to SES
settings, errors, log   used by all of them

Only `handler` reads the environment; nobody else imports this package.
"""
