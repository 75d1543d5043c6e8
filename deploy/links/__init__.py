"""The portal's links, as an operator sees and changes them.

reading    finds links, by id or by file, recipient and state; changes nothing
changing   revokes links, or lets them work longer and more often
resending  has the portal mail them again
wording    how a link reads
"""
