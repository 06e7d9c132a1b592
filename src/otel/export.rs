//! The exporter of traces: how it is set up from the environment, and what becomes of it at the end.
//!
//! Addresses and headers of collectors may be secrets: no message holds them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{Status, TraceContextExt, TracerProvider};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, WithExportConfig,
    WithHttpConfig,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing::{Level, Metadata, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::{Layer, Registry};

use super::BoxedLayer;
use super::client::Client;
use crate::interrupt;

/// How long a collector is waited for: for what is sent, with all repetitions, and once more at the end of a run.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long at the end of a run that was interrupted: the process ends a moment later in any case.
const HASTE: Duration = Duration::from_secs(1);

/// Why spans were lost: the first reason that was met.
type Lost = Arc<OnceLock<String>>;

/// The traces of this process. Dropped, they send what is left and warn of what was lost.
pub(crate) struct Traces {
    /// None if the exporter could not be set up.
    provider: Option<SdkTracerProvider>,
    lost: Lost,
}

impl Traces {
    /// Begins to export, if the environment names a collector and does not switch traces off.
    pub(crate) fn from_environment() -> Option<Self> {
        let says = |name: &str, word: &str| {
            variable(name).is_some_and(|value| value.eq_ignore_ascii_case(word))
        };
        let endpoints = [
            OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
            OTEL_EXPORTER_OTLP_ENDPOINT,
        ];
        if endpoints.into_iter().all(|name| variable(name).is_none())
            || says("OTEL_SDK_DISABLED", "true")
            || says("OTEL_TRACES_EXPORTER", "none")
        {
            return None;
        }
        let lost = Lost::default();
        let provider = match Noting::new(&lost) {
            Ok(exporter) => Some(
                SdkTracerProvider::builder()
                    .with_batch_exporter(exporter)
                    .with_resource(resource())
                    .build(),
            ),
            Err(reason) => {
                note(&lost, reason);
                None
            }
        };
        Some(Self { provider, lost })
    }

    /// What is told of spans.
    pub(crate) fn layer(&self) -> Option<BoxedLayer> {
        let tracer = self.provider.as_ref()?.tracer("esf");
        let layer = tracing_opentelemetry::layer::<Registry>()
            .with_tracer(tracer)
            // Spans have their parents from `tracing`, also on other threads.
            .with_context_activation(false)
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false);
        let ours = filter_fn(is_ours).with_max_level_hint(LevelFilter::INFO);
        Some(layer.with_filter(ours).boxed())
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        let limit = if interrupt::received().is_some() {
            HASTE
        } else {
            PATIENCE
        };
        let ended = self
            .provider
            .as_ref()
            .map_or(Ok(()), |provider| provider.shutdown_with_timeout(limit));
        if ended.is_err() {
            let seconds = limit.as_secs();
            note(
                &self.lost,
                format!("the collector did not take it within {seconds} s"),
            );
        }
        if let Some(reason) = self.lost.get() {
            tracing::warn!("the trace of this run is not whole: {reason}");
        }
    }
}

/// Spans of this program's steps. Lines of the log are not for a collector: they may quote what a publisher wrote.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    metadata.is_span() && *metadata.level() <= Level::INFO && metadata.target().starts_with("esf")
}

/// The exporter, with a note of what it could not send.
#[derive(Debug)]
struct Noting {
    exporter: opentelemetry_otlp::SpanExporter,
    lost: Lost,
}

impl Noting {
    /// Fails if the address is none, or no connection can be prepared.
    fn new(lost: &Lost) -> Result<Self, String> {
        let client = Client::new(PATIENCE).map_err(|error| error.to_string())?;
        let built = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .with_timeout(PATIENCE)
            .build();
        let exporter = built.map_err(|_| {
            format!(
                "{OTEL_EXPORTER_OTLP_ENDPOINT} or {OTEL_EXPORTER_OTLP_TRACES_ENDPOINT} is no address; \
                 write it as http://127.0.0.1:4318"
            )
        })?;
        Ok(Self {
            exporter,
            lost: Arc::clone(lost),
        })
    }
}

impl SpanExporter for Noting {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let done = self.exporter.export(batch).await;
        if let Err(error) = &done {
            let reason = match error {
                OTelSdkError::InternalFailure(reason) => reason.clone(),
                other => other.to_string(),
            };
            note(&self.lost, reason);
        }
        done
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

/// Keeps the first reason.
fn note(lost: &Lost, reason: String) {
    // A later one says no more than that it went on.
    let _ = lost.set(reason);
}

/// Who sends: what the environment says of it, `esf` where it says no name.
fn resource() -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attribute(version);
    let names = |attributes: String| {
        let mut attributes = attributes.split(',');
        attributes.any(|one| one.trim_start().starts_with("service.name="))
    };
    let is_named = variable("OTEL_SERVICE_NAME").is_some()
        || variable("OTEL_RESOURCE_ATTRIBUTES").is_some_and(names);
    if is_named {
        resource.build()
    } else {
        resource.with_service_name("esf").build()
    }
}

/// Gives a span the parent that `TRACEPARENT` names.
pub(super) fn adopt(span: &Span) {
    let caller: HashMap<String, String> = ["traceparent", "tracestate"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), variable(&name.to_uppercase())?)))
        .collect();
    if caller.contains_key("traceparent") {
        // Fails where nothing is exported.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&caller));
    }
}

/// Ends a span now: a thread that cannot be stopped would hold it open until nothing can be sent any more.
pub(super) fn end(span: &Span, exit_code: u8) {
    if exit_code != 0 {
        span.set_status(Status::error(format!("exit code {exit_code}")));
    }
    span.context().span().end();
}

/// A variable of the environment that says something.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
