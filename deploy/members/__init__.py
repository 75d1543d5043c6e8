"""The members area, as an operator runs it: people, versions, survey.

area        where everything of the area is; AWS's errors in words
people      lists members and finds one; changes nothing
changing    invites people, resets their sign-in, removes them
versions    lists versions and withdraws them
publishing  uploads a version, whole or not at all
survey      the questions, and what was answered
losses      what goes with the area
"""
