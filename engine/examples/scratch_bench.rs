//! scratch
use arrow::{array::*, datatypes::*};
use esf_engine::{release::*, session::*, write::*};
use std::{sync::Arc, time::Instant};
fn id(i: u64) -> String {
    let x = i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (i << 7);
    format!(
        "{:016x}{:08x}",
        x.wrapping_mul(0xD6E8_FEB8_6659_FD93),
        (x >> 11) as u32
    )
}
fn main() {
    let n: u64 = 3_000_000;
    let parts = 64u64;
    let table = std::env::args().nth(1).unwrap();
    let spec: Arc<TableSpec> = Arc::new(esf_schemas::table(&table).unwrap().into());
    let per = n / parts;
    // one partition's rows, reused
    let rows = |p: u64| -> RecordBatch {
        let cols: Vec<ArrayRef> = spec.schema.fields().iter().map(|f| -> ArrayRef {
            let r = 0..per;
            match (f.name().as_str(), f.data_type()) {
                ("source_id", _) => Arc::new(StringArray::from_iter_values(r.map(|_| format!("de_src_{}", p / 2)))),
                ("source_file", _) => Arc::new(StringArray::from_iter_values(r.map(|_| format!("{:064x}", p / 2)))),
                ("operation_id", _) => Arc::new(StringArray::from_iter_values(r.map(|i| id(p * per + i)))),
                ("organisation_id", _) => Arc::new(StringArray::from_iter_values(r.map(|i| id((p * per + i) % 40_000)))),
                ("source_location", _) => Arc::new(StringArray::from_iter_values(r.map(|i| format!("line {} byte {}", i + 2, i * 310)))),
                ("source_row", _) => Arc::new(r.map(|i| Some(i as i64)).collect::<Int64Array>()),
                ("title", _) => Arc::new(StringArray::from_iter_values(r.map(|i| format!("Projekt zur beruflichen Integration Nr. {} in der Region {}", i % 5000, (i * 7) % 300)))),
                ("summary", _) => Arc::new(StringArray::from_iter_values(r.map(|i| format!("Ziel des Vorhabens ist die Qualifizierung von {} Teilnehmenden durch Beratung, Coaching und Praktika im Kreis {}; Laufzeit {} Monate.", i % 97, (i * 31) % 401, i % 36)))),
                ("natural_id", _) => Arc::new(StringArray::from_iter_values(r.map(|i| format!("A{:08}", p * per + i)))),
                (_, DataType::Utf8) => Arc::new(StringArray::from_iter_values(r.map(|i| format!("v{}", (i * 13) % 37)))),
                (_, DataType::Int64) => Arc::new(r.map(|i| Some(i as i64 % 50)).collect::<Int64Array>()),
                (_, DataType::Date32) => Arc::new(r.map(|i| Some(16000 + (i * 17 % 2000) as i32)).collect::<Date32Array>()),
                (_, DataType::Boolean) => Arc::new(r.map(|i| Some(i % 9 == 0)).collect::<BooleanArray>()),
                (_, DataType::Decimal128(a, b)) => Arc::new(r.map(|i| Some(i128::from(i * 7919 % 10_000_000))).collect::<Decimal128Array>().with_precision_and_scale(*a, *b).unwrap()),
                other => panic!("{other:?}"),
            }
        }).collect();
        RecordBatch::try_new(spec.schema.clone(), cols).unwrap()
    };
    let batches: Vec<_> = (0..4).map(rows).collect();
    let dir = std::env::temp_dir().join("esf-bench-wh");
    let _ = std::fs::remove_dir_all(&dir);
    let wh = Warehouse::open(dir.to_str().unwrap()).unwrap();
    let rt = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let t = Instant::now();
    let mut bytes = 0;
    let mut files = vec![];
    for p in 0..parts {
        let mut w = TableWriter::create(&wh, &spec, &format!("{p:02x}")).unwrap();
        let b = &batches[(p % 4) as usize];
        let mut at = 0;
        while at < b.num_rows() {
            let k = 8000.min(b.num_rows() - at);
            w.write(&b.slice(at, k)).unwrap();
            at += k;
        }
        let f = rt.block_on(w.finish().unwrap().unwrap().keep()).unwrap();
        bytes += f.bytes;
        if p < 4 {
            files.push(f);
        }
    }
    println!(
        "{table}: {:.2}s for {n} rows, {} MB, {} columns",
        t.elapsed().as_secs_f64(),
        bytes / 1_000_000,
        spec.schema.fields().len()
    );
    let t = Instant::now();
    rt.block_on(async {
        let mut d = ReleaseDraft::new(None, "r", "p");
        d.table(&spec, files);
        wh.publish(d).await.unwrap();
    });
    println!("publish {:.3}s", t.elapsed().as_secs_f64());
    let rt = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    rt.block_on(async {
        let t = Instant::now();
        let wh = Warehouse::open(dir.to_str().unwrap()).unwrap();
        let r = wh.get(AsOf::Latest).await.unwrap();
        println!("release {:?}", t.elapsed());
        let c = session(&wh, &r, Access::Public, &SessionOptions::default()).unwrap();
        println!("session {:?}", t.elapsed());
        let d = plan_query(
            &c,
            &format!("SELECT source_id, count(*) AS n FROM {table} GROUP BY source_id ORDER BY n"),
        )
        .await
        .unwrap();
        println!("planned {:?}", t.elapsed());
        let b = d.collect().await.unwrap();
        println!("answer {:?} {}", t.elapsed(), b.len());
    });
}
