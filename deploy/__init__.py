"""s3link's deploy tool: it packages the Lambda code, applies the templates and looks after them.

Imports run downwards only, from a line to lines below it:

cli                                           parses a command, calls one function, reports
local                                         the embedded AWS; only its two commands know of it
pipeline                                      plan and deploy, stage by stage
doctor · removal · sending                    what a command does with several of the folders below
dlq · links · members · settings · watching   one subject each; none knows another
stacks                                        one CloudFormation stack
package · uploading                           the Lambda zip and its place; files into a bucket
aws · patterns                                clients, errors in words, polling; keys that are meant
lambda_packages                               the functions' packages that the tool uses, too
assets · brand · console · deployment · errors · interruption · table · wording
"""

__version__ = "0.1.0"
