"""What the command line says with its exit code; 0 where all went well."""

EXIT_FAILED_RUNS = 1
EXIT_PROBLEMS_FOUND = 1
EXIT_WRONG_INPUT = 2
EXIT_INTERRUPTED = 130
