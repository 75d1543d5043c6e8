"""The portal's links, as an operator sees and changes them.

reading    which links there are, newest first; changes nothing
choosing   those that are meant: by id, or by file and recipient; changes nothing
changing   revokes links, or lets them work longer and oftener
resending  has the portal mail them again
wording    how a link reads
"""
