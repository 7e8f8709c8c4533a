"""`python -m healthindicators`: the command, where only the interpreter's place is known."""

from healthindicators.cli import main

if __name__ == "__main__":
    main()
