package main

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"modelbench/scripts/rig"
)

// nginxConf is nginx as it would be set up to answer a fixed text fast. One process serves
// all: with one worker, a master adds nothing to the path of a request, and its
// worker would outlive it when it is killed. All that nginx writes goes to {dir}.
const nginxConf = `daemon off;
master_process off;
worker_processes 1;
pid "{dir}/nginx.pid";
error_log stderr warn;
events {
	worker_connections %CONNECTIONS%;
}
http {
	access_log off;
	default_type text/plain;
	keepalive_requests 1000000000;
	keepalive_timeout 1h;
	client_body_temp_path "{dir}/body";
	proxy_temp_path "{dir}/proxy";
	fastcgi_temp_path "{dir}/fastcgi";
	uwsgi_temp_path "{dir}/uwsgi";
	scgi_temp_path "{dir}/scgi";
	server {
		listen {http};
		location = /plaintext {
			return 200 "Hello, World!";
		}
	}
}
`

// nginx is nginx for up to so many connections. It has room for all of them from the start,
// in memory that it touches then: what a connection costs later is without that (some 400
// bytes). When less than a sixteenth of the room is left it closes idle ones.
func nginx(path string, connections int) rig.Server {
	conf := strings.ReplaceAll(nginxConf, "%CONNECTIONS%", strconv.Itoa(connections*16/15+1))
	return rig.Server{
		Name:  "nginx",
		Args:  []string{path, "-p", "{dir}", "-c", "{dir}/nginx.conf"},
		Files: map[string]string{"nginx.conf": conf},
		HTTP:  true,
	}
}

// findNginx looks on the PATH and where Debian keeps it, which is not on a user's PATH.
func findNginx() (string, error) {
	for _, name := range []string{"nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("nginx is %w (apt-get install nginx-light)", rig.ErrMissing)
}
