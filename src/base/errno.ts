/**
 * The errno values that Xen's SCI code returns, by name. Xen returns them negated; we keep the name only.
 *
 * @see xen/include/public/errno.h
 */
export const ERRNO = {
  ENOENT: 2,
  ESRCH: 3,
  EIO: 5,
  ENXIO: 6,
  EBADF: 9,
  ENOMEM: 12,
  EACCES: 13,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  EINVAL: 22,
  ERANGE: 34,
  EDEADLK: 35,
  ENOSYS: 38,
  ENODATA: 61,
  EBADMSG: 74,
  EILSEQ: 84,
  ERESTART: 85,
  EOPNOTSUPP: 95,
  ENOBUFS: 105,
  ENOTCONN: 107,
} as const;

/** Name of an errno of Xen's, e.g. `EBUSY`. */
export type Errno = keyof typeof ERRNO;
