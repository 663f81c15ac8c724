"""The words that every stage uses: texts, errors, time, money, progress, ports."""
