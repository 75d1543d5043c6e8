"""The brand that this zip carries: a name, colours and a logo, for pages and mails.

The tool checks it and puts it into the zip; a zip without one is of no brand. It knows no other
package of ours.
"""
