-- What was counted of each indicator when its dataset was last observed, exactly: from it and from the rows that have changed since, the next
-- observations are made without counting everything anew. It is about the newest version alone, and whatever does not fit is counted anew, so nothing is
-- lost with it. tallied says of which version, as of which day and by which definition the numbers in tally are.
CREATE TABLE tallied (
    dataset     VARCHAR NOT NULL,
    indicator   VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    version     BIGINT  NOT NULL,
    as_of       DATE    NOT NULL
);

-- indicator is '' for the rows of the dataset by member, whether they take part in anything or not; counted is then their number, and dimension ''
-- stands for all of them. excluded are the rows left out by the place of the reason in the definition, with commas between them. *_sum is in units of the
-- twelfth decimal.
CREATE TABLE tally (
    dataset   VARCHAR NOT NULL,
    indicator VARCHAR NOT NULL,
    period    VARCHAR NOT NULL,
    dimension VARCHAR NOT NULL,
    member    VARCHAR NOT NULL,
    counted   BIGINT  NOT NULL,
    holds     BIGINT  NOT NULL,
    excluded  VARCHAR NOT NULL,
    of_sum    HUGEINT,
    of_rows   BIGINT  NOT NULL,
    per_sum   HUGEINT,
    per_rows  BIGINT  NOT NULL,
    quantile  DOUBLE,
    ranked    BIGINT  NOT NULL
);
