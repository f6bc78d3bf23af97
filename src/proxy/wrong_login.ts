/** How a proxy server answers a wrong login. Apart from the check, whose hashes few starts need. */

/** Pause before a wrong login is answered, milliseconds. */
export const WRONG_LOGIN_PAUSE = 1000;
