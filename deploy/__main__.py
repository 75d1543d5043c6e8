"""`python -m deploy` is the same program as `s3link`."""

from deploy.cli import main

if __name__ == "__main__":
    main()
