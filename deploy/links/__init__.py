"""The portal's links, as an operator sees and changes them.

portal      where the links are, and what holds for all of them
reading     finds links, by id or by file, recipient and state; changes nothing
changing    revokes links, or lets them work longer and more often
prolonging  keeps the files of links that are to work longer
copying     the copy inside S3 with which it does
resending   has the portal mail them again
wording     how a link reads
"""
