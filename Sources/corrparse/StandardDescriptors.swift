import Glibc

/// Occupies the descriptors 0, 1 and 2 if the caller has closed them. Otherwise a log or the connection to the database could get one of
/// these numbers, and messages would be written into it, or a piped log read from it.
enum StandardDescriptors {
  /// Opens /dev/null in place of a closed descriptor, in the wrong direction, so that using it still fails.
  static func occupy() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      // open(2) takes the lowest free number, which is this one.
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}
