/* Where tests end the process in mid-operation: JOINERY_TEST_KILL names the point. Kills only this
 * process. */
#ifndef JOINERY_FLOW_TESTPOINT_H
#define JOINERY_FLOW_TESTPOINT_H

/* SIGKILL when the environment variable equals `point`; otherwise nothing. */
void test_point(const char *point);

#endif
