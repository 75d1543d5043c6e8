"""An embedded AWS on this machine: moto in this process, and what moto lacks.

To the rest of `deploy` it is an endpoint URL. Only this package may import moto, and each gap of
moto is filled in one place, with a test in tests/local that fails once moto has closed it.

A folder for each AWS service, with its behaviour, moto's gaps and its CloudFormation resource
types. Imports run downwards only:

demo, serve                       what `s3link demo` and `s3link local` run
as_program, as_member             what a program and a member do
run, clicking                     a deployment made here, a mail's link opened
server                            the list of what is put around moto
control, backends                 the pages below /_s3link/; services in the place of moto's
resource_types                    the resource types of all services
apigateway, cloudwatch, cognito, s3, scheduler, ses
sns
lambda_
dynamodb, iam, logs, sqs
cloudformation
inbox, in_process, metrics, replacement, wire
"""

import os

# Keys that the embedded AWS accepts besides those it gives out itself. They open nothing else.
LOCAL_ACCESS_KEY = "S3LINKLOCALOPERATOR"
LOCAL_SECRET_KEY = "s3link-local-operator-secret"  # noqa: S105

LOCAL_ACCOUNT = "123456789012"  # moto's default account
LOCAL_HOST = "127.0.0.1"  # nobody else on the network can reach it


def _leave_the_operators_settings() -> None:
    """Forget the machine's AWS settings and proxies, which boto3 and moto read by themselves.

    They are meant for other work. An AWS_ENDPOINT_URL, such as `s3link local` says to export,
    would have calls leave this process; a profile that does not exist stops moto's import.
    """
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        os.environ[name] = os.devnull
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join([*filter(None, [os.environ.get(name)]), LOCAL_HOST])


_leave_the_operators_settings()
