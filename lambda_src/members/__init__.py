"""Members: people who are signed in see the versions, download them and answer the survey.

handler       what Lambda calls; builds the settings and the clients, once
routes        which route does what, who may use it, and what its errors are answered with
caller        who asks, from the token's claims that the API has checked
sessions      the table of sessions that were signed out, which is asked before anything else
artifacts     the versions in ArtifactsBucket, with their files and notes
downloads     a URL to one file of a version
surveys       the questions, a member's own answers, and all answers for admins
page          the page for all of this; its files are in the folder `page/`
discovery     where people sign in, which the page is told; the pool says it
settings, errors, log   used by all of them

A URL works for 60 seconds. Who is refused learns nothing of what there is.
Only the handler reads the environment. Nothing here knows of links in mails, or of programs.
"""
