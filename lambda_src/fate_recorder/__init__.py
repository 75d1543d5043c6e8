"""FateRecorder: SES tells what became of each mail; the ledger and the admin are told, and the
portal reminds nobody whom its mail did not reach.

handler    what Lambda calls; builds the settings and the clients, once
recording  the steps, from an event to the ledger and the admin
events     what SES says, as a MailEvent
causes     SES's words for it, each with its fate and its sentence
bad_news   the sentence that the admin gets
log        one line per fate
errors     what can go wrong on purpose

It mails nobody: bad news goes to CommonAlarmTopic. No event is logged, for SES's events quote
headers, and bounces may quote the mail itself.
"""
