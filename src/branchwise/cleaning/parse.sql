-- Texts to values. The rules are told in parse.py. Names with bw_ are parts, not for mappings.
-- A list of one element and a lambda stand for "let": DuckDB macros repeat their arguments.

CREATE OR REPLACE MACRO bw_narrow(given) AS CASE
    WHEN strlen(given) = length(given) THEN given
    ELSE translate(given, '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　 −。', '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~  -.') END;

CREATE OR REPLACE MACRO bw_single_blanks(given) AS CASE
    WHEN contains(given, '  ') OR contains(given, chr(9)) THEN regexp_replace(given, '\s+', ' ', 'g')
    ELSE given END;

-- Narrow, upper case, without needless blanks.
CREATE OR REPLACE MACRO bw_normal(given) AS upper(trim(bw_single_blanks(bw_narrow(given)), ' ' || chr(10) || chr(13)));

CREATE OR REPLACE MACRO bw_year(mark, digits) AS CASE
    WHEN digits = '元' THEN CASE WHEN mark <> '' THEN 1912 END
    WHEN mark <> '' OR length(digits) = 3 THEN
        CASE WHEN TRY_CAST(digits AS INTEGER) BETWEEN 1 AND 289 THEN 1911 + TRY_CAST(digits AS INTEGER) END
    WHEN length(digits) = 4 THEN TRY_CAST(digits AS INTEGER)
    WHEN length(digits) = 2 THEN
        TRY_CAST(digits AS INTEGER) + CASE WHEN digits <= '68' THEN 2000 ELSE 1900 END
    END;

CREATE OR REPLACE MACRO bw_make_date(year, month, day) AS CASE
    WHEN year BETWEEN 1900 AND 2200 OR (year = 9999 AND month = 12 AND day = 31)
    THEN TRY(make_date(year, month, day)) END;

CREATE OR REPLACE MACRO bw_date_of(given) AS list_transform(
    [CASE WHEN regexp_matches(given, '^(?:(?:中華民國|中华民国|民國|民国|民|R\.?O\.?C\.?) ?)?\d+$')
        THEN regexp_extract(given, '^((?:(?:中華民國|中华民国|民國|民国|民|R\.?O\.?C\.?) ?))?(\d{2,4})(\d\d)(\d\d)$', ['mark', 'y', 'm', 'd'])
        ELSE regexp_extract(given,
            '^((?:(?:中華民國|中华民国|民國|民国|民|R\.?O\.?C\.?) ?))?(元|\d{1,4})[-/.年] ?(\d{1,2})[-/.月] ?(\d{1,2})日?$', ['mark', 'y', 'm', 'd'])
        END],
    lambda part: bw_make_date(bw_year(part.mark, part.y), TRY_CAST(part.m AS INTEGER), TRY_CAST(part.d AS INTEGER))
)[1];

CREATE OR REPLACE MACRO bw_hour(hour, meridiem) AS CASE
    WHEN meridiem = '' THEN hour
    WHEN meridiem IN ('凌晨', '清晨', '早上', '上午', 'AM', 'A.M.') THEN
        CASE WHEN hour <= 12 THEN hour % 12 END
    WHEN meridiem = '中午' THEN CASE WHEN hour IN (11, 12) THEN hour WHEN hour IN (1, 2) THEN hour + 12 END
    WHEN meridiem IN ('傍晚', '晚上') AND hour = 12 THEN NULL
    WHEN hour < 12 THEN hour + 12
    ELSE hour END;

CREATE OR REPLACE MACRO bw_microseconds(hour, minute, second, fraction) AS CASE
    WHEN (hour <= 23 AND minute <= 59 AND second <= 59)
        OR (hour = 24 AND minute = 0 AND second = 0 AND fraction = 0)
    THEN ((hour * 60 + minute) * 60 + second)::BIGINT * 1000000 + fraction END;

-- Microseconds after midnight.
CREATE OR REPLACE MACRO bw_clock(given) AS CASE
    WHEN regexp_matches(given, '^\d{4}(\d\d)?$') THEN bw_microseconds(
        TRY_CAST(given[1:2] AS INTEGER), TRY_CAST(given[3:4] AS INTEGER),
        coalesce(TRY_CAST(given[5:6] AS INTEGER), 0), 0)
    ELSE list_transform(
        [regexp_extract(given,
            '^(凌晨|清晨|早上|上午|中午|下午|傍晚|晚上|AM|PM|A[.]M[.]|P[.]M[.])? ?(\d{1,2})([:時时點点])?(\d{1,2})?(?:[:分](\d{1,2})([.]\d+)?秒?|分)? ?(AM|PM|A[.]M[.]|P[.]M[.])?$',
            ['before', 'h', 'mark', 'm', 's', 'fraction', 'after'])],
        lambda part: CASE
            WHEN part.h = '' OR (part.before <> '' AND part.after <> '') THEN NULL
            WHEN part.m <> '' AND part.mark = '' THEN NULL
            WHEN part.m = '' AND (part.s <> '' OR part.mark = ':') THEN NULL
            WHEN part.m = '' AND part.mark = '' AND part.before = '' AND part.after = '' THEN NULL
            ELSE bw_microseconds(
                bw_hour(TRY_CAST(part.h AS INTEGER), part.before || part.after),
                coalesce(TRY_CAST(part.m AS INTEGER), 0), coalesce(TRY_CAST(part.s AS INTEGER), 0),
                coalesce(round(TRY_CAST('0' || part.fraction AS DOUBLE) * 1000000)::BIGINT, 0))
            END)[1]
    END;

-- A day number of Excel's 1900 system, which counts a 29 February 1900 that never was (number 60).
CREATE OR REPLACE MACRO excel_date(serial) AS CASE
    WHEN serial >= 1 AND serial < 60 THEN DATE '1899-12-31' + floor(serial)::INTEGER
    WHEN serial >= 61 AND serial < 109939 THEN DATE '1899-12-30' + floor(serial)::INTEGER END;

CREATE OR REPLACE MACRO excel_local(serial) AS
    excel_date(serial) + to_seconds(round((serial - floor(serial)) * 86400)::BIGINT);

-- Day and time of day in a normalised text. Twelve digits are year to minute where that can be.
CREATE OR REPLACE MACRO bw_parts(given) AS CASE
    WHEN regexp_matches(given, '^\d{11,14}$') THEN CASE
        WHEN length(given) = 14 THEN {'day': given[1:8], 'clock': given[9:14]}
        WHEN length(given) = 13 THEN {'day': given[1:7], 'clock': given[8:13]}
        WHEN length(given) = 11 THEN {'day': given[1:7], 'clock': given[8:11]}
        WHEN regexp_matches(given, '^(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-4])[0-5]\d$')
            THEN {'day': given[1:8], 'clock': given[9:12]}
        ELSE {'day': given[1:6], 'clock': given[7:12]} END
    ELSE regexp_extract(given,
        '^((?:(?:中華民國|中华民国|民國|民国|民|R\.?O\.?C\.?) ?)?(?:(?:元|\d{1,4})[-/.]\d{1,2}[-/.]\d{1,2}|\d{6,8})(?:[ T]|$)|(?:(?:中華民國|中华民国|民國|民国|民|R\.?O\.?C\.?) ?)?(?:元|\d{1,4})年 ?\d{1,2}月 ?\d{1,2}日)[ T]?(.*)$',
        ['day', 'clock'])
    END;

-- The local time that a normalised text names.
CREATE OR REPLACE MACRO bw_local(given) AS CASE
    WHEN regexp_matches(given, '^\d{5}([.]\d+)?$') THEN excel_local(TRY_CAST(given AS DOUBLE))
    ELSE list_transform([bw_parts(given)],
        lambda part: bw_date_of(rtrim(part.day, ' T'))
            + to_microseconds(CASE WHEN part.clock = '' THEN 0 ELSE bw_clock(part.clock) END))[1]
    END;

-- A normalised text and its offset, if a time of day comes before one: …T09:02:11+08:00, …Z.
CREATE OR REPLACE MACRO bw_offset(given) AS CASE
    WHEN regexp_matches(given, '(?:[:時时點点]|[ T]\d{4}).*(?:Z|UTC|GMT|[-+]\d{1,2}(?::?\d\d)?)$')
    THEN regexp_extract(given,
        '^(.*?) ?(?:(Z|UTC|GMT)|(?:UTC|GMT)?([-+])(\d{1,2}):?(\d\d)?)$',
        ['body', 'zulu', 'sign', 'h', 'm'])
    ELSE {'body': given, 'zulu': '', 'sign': '', 'h': '', 'm': ''} END;

-- To be taken from a local time to reach UTC; null without offset, beyond 14 hours no time at all.
CREATE OR REPLACE MACRO bw_offset_minutes(part) AS CASE WHEN part.zulu <> '' THEN 0
    WHEN part.sign <> '' THEN CASE part.sign WHEN '-' THEN -1 ELSE 1 END
        * (TRY_CAST(part.h AS INTEGER) * 60 + coalesce(TRY_CAST(part.m AS INTEGER), 0)) END;

CREATE OR REPLACE MACRO bw_rare_instant(given, zone) AS list_transform(
    [bw_offset(given)],
    lambda part: list_transform([bw_local(part.body)], lambda local: CASE
        WHEN bw_offset_minutes(part) IS NULL THEN timezone(zone, local)
        WHEN abs(bw_offset_minutes(part)) > 840 OR part.m > '59' THEN NULL
        ELSE timezone('UTC', local - to_minutes(bw_offset_minutes(part))) END)[1])[1];

-- Seven digits of a ROC date made eight; year 0 stays what is no date.
CREATE OR REPLACE MACRO bw_western(given) AS CASE WHEN given[1:3] <> '000'
    THEN (TRY_CAST(given[1:3] AS INTEGER) + 1911)::VARCHAR || given[4:] END;

-- Microseconds ahead of UTC of zones whose clocks have not been changed since 1992: no calendar needs
-- to be asked for times from 2000 on. Held against the time zone database by a test.
CREATE OR REPLACE MACRO bw_fixed_offset(zone) AS CASE zone
    WHEN 'Asia/Shanghai' THEN 28800000000 WHEN 'Asia/Taipei' THEN 28800000000
    WHEN 'Asia/Hong_Kong' THEN 28800000000 WHEN 'Asia/Macau' THEN 28800000000
    WHEN 'Asia/Singapore' THEN 28800000000 WHEN 'Asia/Tokyo' THEN 32400000000
    WHEN 'UTC' THEN 0 END;

CREATE OR REPLACE MACRO bw_wall_clock(instant, zone) AS CASE
    WHEN bw_fixed_offset(zone) IS NOT NULL AND instant >= TIMESTAMPTZ '2000-01-01 00:00:00+00'
    THEN make_timestamp(epoch_us(instant) + bw_fixed_offset(zone))
    ELSE timezone(zone, instant) END;

CREATE OR REPLACE MACRO bw_instant(given, zone) AS CASE
    WHEN given IS NULL THEN NULL
    WHEN given LIKE '20__-__-__ __:__:__' AND bw_fixed_offset(zone) IS NOT NULL
        THEN make_timestamptz(epoch_us(TRY_CAST(given AS TIMESTAMP)) - bw_fixed_offset(zone))
    WHEN given LIKE '20__-__-__ __:__:__' THEN timezone(zone, TRY_CAST(given AS TIMESTAMP))
    WHEN strlen(given) = 19 AND (given LIKE '19__-__-__ __:__:__' OR given LIKE '20__/__/__ __:__:__'
            OR given LIKE '20__-__-__T__:__:__')
        THEN timezone(zone, TRY_CAST(given AS TIMESTAMP))
    WHEN strlen(given) IN (14, 17) AND (given LIKE '20%' OR given LIKE '19%')
        AND try_strptime(given, ['%Y%m%d %H:%M:%S', '%Y%m%d%H%M%S']) IS NOT NULL
        THEN timezone(zone, try_strptime(given, ['%Y%m%d %H:%M:%S', '%Y%m%d%H%M%S']))
    WHEN regexp_full_match(given, '(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2} \d{1,2}:\d\d(?::\d\d)?')
        THEN timezone(zone, TRY_CAST(given AS TIMESTAMP))
    WHEN regexp_full_match(given, '[01]\d{6} \d\d:\d\d:\d\d')
        THEN timezone(zone, try_strptime(bw_western(given), '%Y%m%d %H:%M:%S'))
    ELSE bw_rare_instant(bw_normal(given), zone) END;

CREATE OR REPLACE MACRO to_instant(given, zone) AS bw_instant(CAST(given AS VARCHAR), zone);

-- A local time as written, an offset left aside.
CREATE OR REPLACE MACRO bw_rare_local(given) AS list_transform(
    [struct_extract(bw_offset(given), 'body')], lambda body: bw_local(body))[1];

CREATE OR REPLACE MACRO bw_date(given) AS CASE
    WHEN given IS NULL THEN NULL
    WHEN strlen(given) IN (10, 19) AND (given LIKE '20__-__-__' OR given LIKE '19__-__-__'
            OR given LIKE '20__/__/__' OR given LIKE '20__-__-__ __:__:__')
        THEN CAST(TRY_CAST(given AS TIMESTAMP) AS DATE)
    WHEN strlen(given) = 8 AND (given LIKE '20%' OR given LIKE '19%')
        AND try_strptime(given, '%Y%m%d') IS NOT NULL THEN CAST(try_strptime(given, '%Y%m%d') AS DATE)
    WHEN regexp_full_match(given, '(?:19|20)\d\d[-/]\d{1,2}[-/]\d{1,2}') THEN TRY_CAST(given AS DATE)
    WHEN regexp_full_match(given, '[01]\d{6}')
        THEN CAST(try_strptime(bw_western(given), '%Y%m%d') AS DATE)
    ELSE CAST(bw_rare_local(bw_normal(given)) AS DATE) END;

CREATE OR REPLACE MACRO to_date(given) AS bw_date(CAST(given AS VARCHAR));

-- Numbers.
CREATE OR REPLACE MACRO bw_rare_number(given) AS list_transform(
    [regexp_extract(given,
        '^([(])?([-+])?(?:NT\$|US\$|HK\$|RMB|CNY|TWD|HKD|USD|¥|￥|\$)? ?([-+])?(\d{1,3}(?:,\d{3})+|\d+)?([.]\d+|[.])? ?(%|萬元|万元|億元|亿元|萬|万|億|亿|元|圓|圆)?(整)?([)])?(-)?$',
        ['open', 'sign', 'inner', 'whole', 'part', 'unit', 'exact', 'close', 'trailing'])],
    lambda n: CASE
        WHEN n.whole = '' AND length(n.part) < 2 THEN NULL
        WHEN (n.open = '') <> (n.close = '') THEN NULL
        WHEN length(n.open || n.sign || n.inner || n.trailing) > 1 THEN NULL
        WHEN n.exact <> '' AND n.unit NOT IN ('元', '圓', '圆', '萬元', '万元', '億元', '亿元') THEN NULL
        ELSE TRY_CAST(replace(n.whole, ',', '') || n.part AS DOUBLE)
            * CASE WHEN n.open <> '' OR '-' IN (n.sign, n.inner, n.trailing) THEN -1 ELSE 1 END
            * CASE n.unit[1] WHEN '萬' THEN 1e4 WHEN '万' THEN 1e4 WHEN '億' THEN 1e8 WHEN '亿' THEN 1e8 ELSE 1 END
            / CASE n.unit WHEN '%' THEN 100 ELSE 1 END
        END)[1];

CREATE OR REPLACE MACRO bw_number(given) AS CASE
    WHEN given IS NULL THEN NULL
    WHEN isfinite(TRY_CAST(given AS DOUBLE)) AND NOT contains(given, '_') AND NOT contains(given, 'x')
        AND NOT contains(given, 'X') THEN TRY_CAST(given AS DOUBLE)
    ELSE list_transform([bw_normal(given)], lambda text: bw_rare_number(text))[1] END;

CREATE OR REPLACE MACRO to_number(given) AS bw_number(CAST(given AS VARCHAR));

CREATE OR REPLACE MACRO bw_boolean(given) AS CASE
    WHEN given IS NULL THEN NULL
    WHEN given IN ('true', 'True', 'TRUE', '1', 'Y', 'y', '是') THEN true
    WHEN given IN ('false', 'False', 'FALSE', '0', 'N', 'n', '否') THEN false
    ELSE list_transform([bw_normal(given)], lambda text: CASE
        WHEN text IN ('TRUE', 'T', 'YES', 'Y', '1', '1.0', 'ON', '是', '有', '真', '√', '✓') THEN true
        WHEN text IN ('FALSE', 'F', 'NO', 'N', '0', '0.0', 'OFF', '否', '無', '无', '假', '×') THEN false
        END)[1]
    END;

CREATE OR REPLACE MACRO to_boolean(given) AS bw_boolean(CAST(given AS VARCHAR));

-- Minutes after midnight; seconds are cut off.
CREATE OR REPLACE MACRO bw_rare_minute(given) AS CASE
    WHEN regexp_matches(given, '^\d{3}$|^\d{5}$') THEN bw_clock('0' || given)
    WHEN regexp_matches(given, '^0?[.]\d+$') THEN round(TRY_CAST(given AS DOUBLE) * 86400)::BIGINT * 1000000
    ELSE coalesce(bw_clock(given), epoch_us(bw_rare_local(given)) % 86400000000) END;

CREATE OR REPLACE MACRO to_minute_of_day(given) AS CASE WHEN given IS NOT NULL
    THEN bw_rare_minute(bw_normal(CAST(given AS VARCHAR))) // 60000000 END;

-- Values to values.
CREATE OR REPLACE MACRO seconds_between(a, b) AS (epoch_us(b) - epoch_us(a)) / 1e6;
CREATE OR REPLACE MACRO local_date(instant, zone) AS CAST(bw_wall_clock(instant, zone) AS DATE);
CREATE OR REPLACE MACRO local_quarter_hour(instant, zone) AS
    (epoch_us(bw_wall_clock(instant, zone)) % 86400000000 // 900000000)::BIGINT;
CREATE OR REPLACE MACRO month_of(day) AS strftime(day, '%Y-%m');
CREATE OR REPLACE MACRO weekday_of(day) AS isodow(day);
CREATE OR REPLACE MACRO age_band_of(birth_year, load_year) AS CASE
    WHEN load_year - birth_year NOT BETWEEN 0 AND 120 OR birth_year IS NULL THEN 'unknown'
    WHEN load_year - birth_year < 30 THEN 'under_30'
    WHEN load_year - birth_year < 45 THEN '30_44'
    WHEN load_year - birth_year < 60 THEN '45_59'
    ELSE '60_plus' END;
