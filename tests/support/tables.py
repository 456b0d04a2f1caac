"""What kubectl prints as a table, row by row."""

import re


def rows(table: str) -> list[dict[str, str]]:
    """Return the cells of each row by the names of their columns; an empty cell is ""."""
    header, *lines = table.splitlines()
    # Three blanks stand between two columns, and one in a name of two words.
    columns = list(re.finditer(r"\S+(?: \S+)*", header))
    ends = [column.start() for column in columns[1:]] + [None]
    return [
        {
            column.group(): line[column.start() : end].strip()
            for column, end in zip(columns, ends, strict=True)
        }
        for line in lines
    ]
