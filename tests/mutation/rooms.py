"""Which test program would notice a change in which folder."""

# Folders whose files are pure, or belong to one thread that owns them. Files that need a network are left out.
ROOMS = {
    "routing": (["proxy-service/routing", "proxy-service/retry"], ["proxy_pure_test"]),
    "body": (["proxy-service/body"], ["proxy_pure_test"]),
    "tap": (["proxy-service/tap"], ["proxy_pure_test"]),
    "convert": (["proxy-service/convert"], ["proxy_convert_test"]),
    "events": (["proxy-service/events/event_queue.cc", "proxy-service/events/report_log.cc",
                "proxy-service/events/report_restore.cc", "proxy-service/events/report_room.cc",
                "proxy-service/spool"], ["proxy_events_test"]),
    "http1": (["common/http1", "proxy-service/http1"], ["http1_test", "proxy_http1_test"]),
    "tracker": (["metrics-service/tracker", "metrics-service/pipeline"], ["metrics_service_test"]),
    "store": (["metrics-service/store"], ["metrics_service_test"]),
    "access": (["metrics-service/serve/access"], ["metrics_serve_test"]),
}
