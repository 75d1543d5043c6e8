"""DeadLetterQueue, and the portal's own: events that a function has failed on for good.

sources    the queues, and the function behind each event
letters    what a message says: which event, why it failed. Pure
held       messages of one queue, kept out of others' sight while they are worked on
holding    those of several queues, given back in the end
audience   whom LinkGenerator would mail if an event were replayed; changes nothing
choosing   the messages that are meant by the beginnings of their ids
listing    every message with its files and their recipients; changes nothing
wording    how a message reads
replaying  one message: the function is invoked with the event, the message deleted on success
pace       how fast SES allows it
redrive    the steps, from the queue to what came of each message
dropping   deletes messages that can never be replayed
"""
