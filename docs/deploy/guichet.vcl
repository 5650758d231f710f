# Varnish 7 between what ends TLS and `guichet web`: it keeps static files and passes all else on (docs/caching.md).
# Change the address of `web`, or of the balancer before several. Start it with `-p http_gzip_support=off`: otherwise
# it asks for gzip alone, and nobody gets the smaller br and zstd.
vcl 4.1;

backend web {
	.host = "10.0.0.11";
	.port = "8000";
	.connect_timeout = 1s;
	.first_byte_timeout = 15s;
	.between_bytes_timeout = 15s;
}

sub vcl_recv {
	# The live feed: Varnish passes no WebSocket unless told.
	if (req.http.Upgrade ~ "(?i)^websocket$") {
		return (pipe);
	}
	if (req.method !~ "^(GET|HEAD)$" || req.url !~ "^/static/") {
		return (pass);
	}
	# What is asked for without them cannot be about anybody.
	unset req.http.Cookie;
	unset req.http.Authorization;
	return (hash);
}

sub vcl_pipe {
	set bereq.http.Upgrade = req.http.Upgrade;
	set bereq.http.Connection = req.http.Connection;
}

sub vcl_backend_response {
	# Only what says so itself. Of what says nothing Varnish would keep a copy for two minutes.
	if (beresp.http.Cache-Control !~ "\bimmutable\b") {
		set beresp.uncacheable = true;
		set beresp.ttl = 120s;
		return (deliver);
	}
}
