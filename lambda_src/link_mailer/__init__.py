"""The portal's mails: links again, reminders, and news of first downloads."""
