"""s3link's deploy tool: it packages the Lambda code, applies the templates and looks after them."""

__version__ = "0.1.0"
