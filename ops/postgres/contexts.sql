-- A role and a database for each context, closed to every other role.
-- The image's entry point runs this once, in an empty data directory; the passwords come from its environment.

\getenv product_password PRODUCT_PASSWORD
\getenv rental_password RENTAL_PASSWORD
\getenv delivery_password DELIVERY_PASSWORD
\getenv information_password INFORMATION_PASSWORD

CREATE ROLE product LOGIN PASSWORD :'product_password';
CREATE ROLE rental LOGIN PASSWORD :'rental_password';
CREATE ROLE delivery LOGIN PASSWORD :'delivery_password';
CREATE ROLE information LOGIN PASSWORD :'information_password';

CREATE DATABASE product OWNER product;
CREATE DATABASE rental OWNER rental;
CREATE DATABASE delivery OWNER delivery;
CREATE DATABASE information OWNER information;

-- Every role may connect to a new database unless it is told otherwise; its owner still may.
REVOKE ALL ON DATABASE product, rental, delivery, information, postgres FROM PUBLIC;
