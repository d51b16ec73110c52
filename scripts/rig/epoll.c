//go:build ignore

/* What the machine gives: one thread, level-triggered epoll, one read and one write for what has come. It does not
 * parse. HTTP: a fixed reply, as long as our servers', for each blank line in what it reads. Echo: what it read.
 *
 *     epoll HTTP_PORT ECHO_PORT
 *
 * The build tag above keeps this file out of the Go package beside it, which embeds it. */
#define _GNU_SOURCE /* accept4 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define REPLY "HTTP/1.1 200 OK\r\nServer: modelbench\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n" \
	"Content-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!"
enum { SIZE = sizeof REPLY - 1, BATCH = 64, MAXFD = 1 << 20, ECHO = 4 };

static int ep, listener[2];            /* for HTTP, for echo */
static char in[65536], replies[BATCH * SIZE];
static unsigned char state[MAXFD];     /* by descriptor: how much of a blank line has been seen; ECHO */

static void die(const char *what) { perror(what); exit(1); }

static void watch(int fd) {
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev)) die("epoll_ctl");
}

static int serve(const char *port) {
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on)) die("socket");
	if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096)) die("listen");
	watch(fd);
	return fd;
}

static void take(int from) {
	int on = 1, fd = accept4(from, NULL, NULL, SOCK_NONBLOCK);
	if (fd < 0 && (errno == EAGAIN || errno == ECONNABORTED)) return;
	if (fd < 0 || fd >= MAXFD) die("accept"); /* EMFILE too: a limit, and no server to survive it */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	state[fd] = from == listener[1] ? ECHO : 0;
	watch(fd);
}

/* A client that does not read holds all others up, which a load generator does not do. */
static int send_all(int fd, const char *from, size_t n) {
	while (n > 0) {
		ssize_t sent = write(fd, from, n);
		if (sent < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = fd, .events = POLLOUT};
			poll(&p, 1, -1);
		} else if (sent < 0) {
			return -1;
		} else {
			from += sent, n -= sent;
		}
	}
	return 0;
}

static int answer(int fd, ssize_t n) {
	unsigned s = state[fd], requests = 0;
	if (s == ECHO) return send_all(fd, in, n);
	for (ssize_t i = 0; i < n; i++) {
		s = in[i] == "\r\n\r\n"[s] ? s + 1 : in[i] == '\r';
		if (s == 4) requests++, s = 0;
	}
	state[fd] = s;
	for (unsigned batch; requests > 0; requests -= batch) {
		batch = requests < BATCH ? requests : BATCH;
		if (send_all(fd, replies, batch * SIZE)) return -1;
	}
	return 0;
}

int main(int argc, char **argv) {
	struct epoll_event ready[256];
	if (argc != 3) return fputs("usage: epoll HTTP_PORT ECHO_PORT\n", stderr), 2;
	if ((ep = epoll_create1(0)) < 0) die("epoll_create1");
	signal(SIGPIPE, SIG_IGN);
	for (int i = 0; i < BATCH; i++) memcpy(replies + i * SIZE, REPLY, SIZE);
	listener[0] = serve(argv[1]), listener[1] = serve(argv[2]);
	for (;;) {
		int n = epoll_wait(ep, ready, 256, -1);
		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			if (fd == listener[0] || fd == listener[1]) {
				take(fd);
				continue;
			}
			ssize_t got = read(fd, in, sizeof in);
			if (got < 0 && errno == EAGAIN) continue;
			if (got <= 0 || answer(fd, got)) close(fd);
		}
	}
}
