-- The image of the database runs this file once, when it starts with an empty data directory. Meanwhile the database listens
-- on its socket only, and nobody can reach it over the network.
CREATE TABLE predictions (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    species text NOT NULL,
    bill_length_mm double precision NOT NULL,
    bill_depth_mm double precision NOT NULL,
    flipper_length_mm double precision NOT NULL,
    body_mass_g double precision NOT NULL
);

-- This stands for the records of forty years, which take a while to be read in.
SELECT pg_sleep(4);
