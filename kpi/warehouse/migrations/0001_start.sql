-- One row for every data version that the warehouse has committed. rows_* are the counts of a load; dataset is '' for a recomputation.
CREATE TABLE data_version (
    version      BIGINT  NOT NULL,
    cause        VARCHAR NOT NULL,
    dataset      VARCHAR NOT NULL,
    dataset_hash VARCHAR NOT NULL,
    as_of        DATE    NOT NULL,
    rows_read     BIGINT NOT NULL,
    rows_accepted BIGINT NOT NULL,
    rows_rejected BIGINT NOT NULL,
    rows_skipped  BIGINT NOT NULL
);

-- The files of a load: what the number _file of a row stands for.
CREATE TABLE load_file (
    version BIGINT   NOT NULL,
    file    INTEGER  NOT NULL,
    source  VARCHAR  NOT NULL,
    copy    VARCHAR  NOT NULL
);

-- The row tables: one for each way of reading a dataset (its hash). created is the version of the load that made it.
CREATE TABLE row_table (
    name         VARCHAR NOT NULL,
    dataset      VARCHAR NOT NULL,
    dataset_hash VARCHAR NOT NULL,
    created      BIGINT  NOT NULL
);

-- What the district names in the rows of a row table mean. A name that is not here is no district of the city.
CREATE TABLE place (
    row_table VARCHAR NOT NULL,
    field     VARCHAR NOT NULL,
    name      VARCHAR NOT NULL,
    district  VARCHAR NOT NULL
);

-- Rows that were refused. A load's rejects are those of its own version only.
CREATE TABLE reject (
    version BIGINT  NOT NULL,
    dataset VARCHAR NOT NULL,
    file    VARCHAR NOT NULL,
    line    BIGINT  NOT NULL,
    field   VARCHAR NOT NULL,
    reason  VARCHAR NOT NULL,
    detail  VARCHAR NOT NULL,
    raw     VARCHAR NOT NULL
);

-- Values of indicators, with their history. Visible at version v: from_version <= v and (to_version is null or to_version > v).
-- excluded is a JSON object of reason and rows, its keys sorted, so that equal contents are equal texts.
CREATE TABLE observation (
    indicator    VARCHAR NOT NULL,
    definition   INTEGER NOT NULL,
    dataset      VARCHAR NOT NULL,
    period       VARCHAR NOT NULL,
    dimension    VARCHAR NOT NULL,
    member       VARCHAR NOT NULL,
    from_version BIGINT  NOT NULL,
    to_version   BIGINT,
    numerator    DOUBLE,
    denominator  DOUBLE,
    value        DOUBLE,
    rows_counted BIGINT  NOT NULL,
    excluded     VARCHAR NOT NULL,
    partial      BOOLEAN NOT NULL,
    provisional  BOOLEAN NOT NULL,
    as_of        DATE    NOT NULL
);
