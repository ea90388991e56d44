"""Where the program starts: the signals first, for the imports take most of a second."""

from registry_mirror import stopping


def main() -> None:
    stopping.leave_when_asked()
    from registry_mirror import cli  # noqa: PLC0415 - see above

    cli.main()


if __name__ == "__main__":
    main()
