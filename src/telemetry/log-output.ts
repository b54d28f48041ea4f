// Where log lines go: standard output or a file that follows log rotation.

/** An append-only file; the `Appender` of the runtime. */
export interface LogFile {
  write(text: string): void;
  reopen(): void;
  close(): Promise<void>;
}

/** What opens files; the `Files` of the runtime. */
export interface LogFiles {
  append(path: string, failed?: (error: unknown) => void): LogFile;
}

/** Where a log goes. */
export interface LogOutputOptions {
  /** Absent or empty: standard output. */
  readonly filePath?: string | undefined;
  readonly files: LogFiles;
  stdout(text: string): void;
  /** Told when lines could not be written to the file. Default: nobody is. */
  readonly failed?: (error: unknown) => void;
}

/** An open output. */
export interface LogOutput {
  write(text: string): void;
  /** Follows a log rotation; called on SIGUSR1. Does nothing on standard output. */
  reopen(): void;
  /** Resolves when everything is written. */
  close(): Promise<void>;
}

/** @throws {Error} with a `code` of ENOENT, EACCES, … when the file can't be opened */
export function openLogOutput(options: LogOutputOptions): LogOutput {
  const { filePath, files, failed } = options;
  if (filePath === undefined || filePath === "") {
    return { write: (text) => options.stdout(text), reopen: () => {}, close: () => Promise.resolve() };
  }
  return files.append(filePath, failed);
}
