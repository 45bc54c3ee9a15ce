"""The command line. Each command parses its options, calls the functions of one package, and prints what they return.

A command is a module with a function of its name, listed in `main`, which loads it when it is used. `shared` holds what
several commands take or say: exit codes, the extra that a command needs, arms, and the progress of reading logs. A
module imports at its head nothing that an extra brings.
"""
